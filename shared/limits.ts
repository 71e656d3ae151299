// Limits and defaults of requests: the Worker enforces them, the OpenAPI document states them, and the page keeps within
// them.

import { MAX_SEED_LENGTH, MEMBER_SEED_SUFFIX } from "./arithmetic/random.ts";
import { MAX_SIZE } from "./image/scale.ts";

/** Side of a digit, pixels: as the decoder draws it. */
export const MIN_SIZE = 28;
/** Digits in one picture of a grid or a walk. */
export const MAX_DIGITS = 64;
/** Pixels of one picture, so that its cost is bounded before work starts: as many as one digit of the largest size has. */
export const MAX_PIXELS = MAX_SIZE * MAX_SIZE;
/** Digits of a number. */
export const MAX_PLACES = 32;
/** Variety of a number's digits: one illegible digit spoils the number. */
export const NUMBER_TEMPERATURE = 0.6;
/** Seeds of a walk. */
export const MAX_WAYPOINTS = 16;
/** Characters of a grid's or a number's seed, from which each digit gets its own, such as seed/12. */
export const MAX_GROUP_SEED_LENGTH = MAX_SEED_LENGTH - MEMBER_SEED_SUFFIX;

/** Colours, as an address has them. */
export const DEFAULT_INK = "ffffff";
export const DEFAULT_GROUND = "000000";
/** Frames per second of an animation. */
export const DEFAULT_FPS = 12;
