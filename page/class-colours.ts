// A colour for each class on the map's dark ground: those of the training report, which differ for every kind of colour
// vision. The classes' names stand on the map too.

import { type Colour, parseColour } from "../shared/image/colour.ts";

export const CLASS_COLOURS: readonly Colour[] = [
  "8757ff",
  "fe9384",
  "398a40",
  "eeee48",
  "a3ecfe",
  "be3972",
  "51fac8",
  "d4a742",
  "bf80ed",
  "9895bb",
].map(parseColour);
