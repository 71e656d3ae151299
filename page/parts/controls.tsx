// Controls that several sections share.

import { useEffect, useId, useState } from "preact/hooks";
import { usePage } from "../state.ts";
import { copyText } from "./copy.ts";

/** How long a button says that its text is copied. */
const SHOWN_MS = 2500;

interface SliderProps {
  readonly label: string;
  /** The value, as people read it. */
  readonly output: string;
  readonly hint?: string;
  readonly range: readonly [min: number, max: number, step: number];
  readonly value: number;
  readonly onSlide: (value: number) => void;
}

/** A slider below its name and its value. */
export function Slider({ label, output, hint, range: [min, max, step], value, onSlide }: SliderProps) {
  const id = useId();
  return (
    <label>
      <span>
        <span id={`${id}-name`}>{label}</span> <output>{output}</output>
      </span>
      {/* Named by its id, as a label goes to the first control in it, which is the output. */}
      <input
        type="range"
        {...{ min, max, step, value }}
        aria-labelledby={`${id}-name`}
        aria-valuetext={output}
        aria-describedby={hint && `${id}-hint`}
        onInput={(event) => onSlide(event.currentTarget.valueAsNumber)}
      />
      {hint && <small id={`${id}-hint`}>{hint}</small>}
    </label>
  );
}

interface SegmentsProps<Value> {
  readonly legend: string;
  readonly isLegendHidden?: boolean;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  /** Undefined where it is none of them. */
  readonly value: Value | undefined;
  readonly onChoose: (value: Value) => void;
}

/** One choice of a few, as radio buttons that look like one bar. */
export function Segments<Value extends string>(props: SegmentsProps<Value>) {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class={props.isLegendHidden ? "hidden" : undefined}>{props.legend}</legend>
      <div>
        {props.options.map(({ value, label }) => (
          <label key={value}>
            <input
              type="radio"
              {...{ name, value }}
              checked={value === props.value}
              onChange={() => props.onChoose(value)}
            />
            <span>{label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

export function CopyButton({ text }: { text: string }) {
  const { t } = usePage();
  const [outcome, setOutcome] = useState<"copied" | "notCopied">();
  useEffect(() => {
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    try {
      await copyText(text);
      setOutcome("copied");
    } catch {
      // Refused by the visitor or the browser, which reports it.
      setOutcome("notCopied");
    }
  };
  return (
    <span class="copy">
      <button type="button" onClick={() => void copy()}>
        {outcome === "copied" ? t.take.copied : t.take.copy}
      </button>
      <span class={outcome === "notCopied" ? "note" : "hidden"} role="status">
        {outcome && t.take[outcome]}
      </span>
    </span>
  );
}

/** An address on this server, and a button that copies it. */
export function CopyLine({ address, label }: { address: string; label: string }) {
  const text = usePage().origin + address;
  return (
    <div class="copy-line">
      <code aria-label={label} role="note">
        {text}
      </code>
      <CopyButton text={text} />
    </div>
  );
}
