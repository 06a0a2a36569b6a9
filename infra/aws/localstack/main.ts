/** The CDK app that `npm run deploy:local` deploys to LocalStack. */
import { App } from 'aws-cdk-lib';
import { deployedSystem } from '../../system.ts';
import { LocalStackStack } from './stack.ts';

const app = new App();
new LocalStackStack(app, deployedSystem);
app.synth();
