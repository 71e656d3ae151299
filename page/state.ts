// All that the page knows, in one place: components read it from here and change it by `update` only.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Choices } from "./choices.ts";
import type { Language } from "./language.ts";
import type { PublishedModel } from "./releases.ts";
import type { Failure } from "./service.ts";
import type { Texts } from "./texts/en.ts";

/** Something that the server has to say first. */
export type Answer<Value> =
  | { readonly status: "waiting" }
  | { readonly status: "ready"; readonly value: Value }
  | { readonly status: "failed"; readonly failure: Failure };

export interface State {
  readonly language: Language;
  readonly choices: Choices;
  /** What is published. */
  readonly models: Answer<readonly PublishedModel[]>;
  /** Scripts run: controls work. */
  readonly isAlive: boolean;
  /** Where the page came from, such as http://localhost:8787; empty while it is built. */
  readonly origin: string;
  /** Grows when the connection comes back or a visitor asks to try again: what failed is asked for anew. */
  readonly attempt: number;
}

export interface Store {
  readonly state: () => State;
  readonly update: (patch: Partial<State>) => void;
}

/**
 * @param onChange  is told once for all changes of one turn of the event loop
 */
export function createStore(initial: State, onChange: (state: State) => void): Store {
  let state = initial;
  let isTold = true;
  return {
    state: () => state,
    update: (patch) => {
      state = { ...state, ...patch };
      if (!isTold) return;
      isTold = false;
      queueMicrotask(() => {
        isTold = true;
        onChange(state);
      });
    },
  };
}

/** What every component can reach. */
export interface Page {
  readonly state: State;
  readonly t: Texts;
  readonly choose: (patch: Partial<Choices>) => void;
  readonly switchLanguage: (language: Language) => void;
  readonly tryAgain: () => void;
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  return useContext(PageContext)!;
}
