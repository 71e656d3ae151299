// One choice of a few, as radio buttons that look like one bar.

import { useId } from "preact/hooks";

export function Segments<Value extends string>({
  legend,
  options,
  value,
  onChoose,
  isLegendHidden,
}: {
  legend: string;
  options: readonly { readonly value: Value; readonly label: string }[];
  value: Value;
  onChoose: (value: Value) => void;
  isLegendHidden?: boolean;
}) {
  const name = useId();
  return (
    <fieldset class="segments">
      <legend class={isLegendHidden ? "hidden" : undefined}>{legend}</legend>
      <div>
        {options.map((option) => (
          <label key={option.value}>
            <input
              type="radio"
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChoose(option.value)}
            />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
