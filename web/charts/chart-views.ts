/** The panels with charts, and other code that the first view doesn't need: loaded after it, as one file. */
export { Climate } from './climate.tsx';
export { Days } from './days.tsx';
export { Price } from './price.tsx';
