import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

/** One figure with its name and what it means. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
}

/** A list of figures, each with its name and an optional note. */
export function Facts({ facts, hidden = false }: { facts: readonly Fact[]; hidden?: boolean }) {
  return (
    <dl class="figures" hidden={hidden}>
      {facts.map(({ name, value, note }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <b>{value}</b>
            {note && <span class="quiet">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** A heading of a table's column; numbers are aligned right. */
export interface Column {
  readonly title: string;
  readonly className?: string;
  /** What the values mean, shown to a person who points at the heading. */
  readonly hint?: string;
}

export interface TableLine {
  readonly key: string;
  /** One for each column. */
  readonly cells: readonly string[];
  /** Highlighted. */
  readonly isMarked?: boolean;
}

interface DataTableProps {
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly lines: readonly TableLine[];
  readonly hidden?: boolean;
}

/** A table in a box that scrolls, by keyboard too, if the table is too wide or too long. */
export function DataTable({ caption, columns, lines, hidden = false }: DataTableProps) {
  // A scrolling element must be reachable by keyboard.
  return (
    <section class="scroll" tabIndex={0} aria-label={caption}>
      <table hidden={hidden}>
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ title, className, hint }) => (
              <th key={title} scope="col" class={className} title={hint}>
                {title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {lines.map(({ key, cells, isMarked }) => (
            <tr key={key} data-marked={isMarked ? '' : undefined}>
              {cells.map((cell, index) => (
                <td key={columns[index]?.title} class={columns[index]?.className}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

interface SelectProps {
  readonly id: string;
  readonly label: string;
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly value: string;
  readonly disabled?: boolean;
  onChoose(value: string): void;
}

/** A drop-down list with its label. */
export function LabelledSelect({ id, label, options, value, disabled = false, onChoose }: SelectProps) {
  return (
    <span class="field">
      <label for={id} class="quiet">
        {label}
      </label>
      <select
        id={id}
        value={value}
        disabled={disabled}
        onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </span>
  );
}

interface SliderProps {
  readonly id: string;
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  /** The text beside it, and for screen readers. */
  readonly text: string;
  readonly spoken?: string;
  readonly children?: ComponentChildren;
  onSlide(value: number): void;
}

/** A slider with its label and its value as text. `onSlide` is called at each movement, not only when it is released. */
export function Slider({ id, label, text, spoken, children, onSlide, ...range }: SliderProps) {
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        {...range}
        aria-valuetext={spoken}
        onInput={({ currentTarget }) => onSlide(currentTarget.valueAsNumber)}
      />
      <output for={id}>{text}</output>
      {children}
    </div>
  );
}

interface NumberFieldProps {
  readonly id: string;
  readonly label: string;
  /** What is in it at first; null for nothing. */
  readonly value: number | null;
  /** What holds while it is empty. */
  readonly placeholder?: string;
  /** Whether 0 is a value, too. */
  readonly allowsZero?: boolean;
  /** The greatest valid value; greater ones are reported all the same, so that the page can say what is wrong. */
  readonly max?: number;
  /** The id of an element that says what is wrong; null while nothing is. */
  readonly errorId?: string | null;
  onChange(value: number | null): void;
}

/**
 * A positive number that may be left empty; anything else counts as empty. What is typed stays as it is: on the way to 0.5
 * it is 0, which may not be a value yet.
 */
export function NumberField({
  id,
  label,
  value,
  placeholder,
  allowsZero = false,
  max,
  errorId = null,
  onChange,
}: NumberFieldProps) {
  const typed = useSignal(value === null ? '' : String(value));
  return (
    <span class="field">
      <label for={id} class="quiet">
        {label}
      </label>
      <input
        id={id}
        class="number-field"
        type="number"
        min="0"
        step="any"
        inputMode="decimal"
        placeholder={placeholder}
        max={max}
        aria-invalid={errorId !== null}
        aria-describedby={errorId ?? undefined}
        value={typed.value}
        onInput={({ currentTarget }) => {
          typed.value = currentTarget.value;
          const number = currentTarget.valueAsNumber;
          onChange(number > 0 || (allowsZero && number === 0) ? number : null);
        }}
        // The page has keys of its own, which must not react to these.
        onKeyDown={(event) => event.stopPropagation()}
      />
    </span>
  );
}
