// The operations that take a picture.

import { CONTENT_TYPES } from "../api/content-types.ts";
import { EncodeQuery } from "../api/encode.ts";
import type { ProblemType } from "../api/problems.ts";
import { ReconstructQuery } from "../api/reconstruct.ts";
import type { Operation } from "./operation.ts";
import { Encoding, Reconstruction } from "./replies.ts";

const PNG_BODY = {
  mediaTypes: [CONTENT_TYPES.png],
  description:
    "A PNG of up to 512 pixels a side and 3 MiB, of any colour type, with one digit: dark on light or light on dark, anywhere, of any size. It is fitted to MNIST's conventions: inverted if dark on light, scaled, centred by mass.",
};
const UPLOAD_PROBLEMS: readonly ProblemType[] = [
  "unknown-model",
  "unknown-version",
  "withdrawn-version",
  "incomplete-body",
  "payload-too-large",
  "unsupported-media-type",
  "unreadable-image",
  "empty-image",
  "unclear-image",
  "too-many-uploads",
];

export const UPLOADS = [
  {
    id: "encode",
    method: "POST",
    path: "/encode",
    summary: "The latent of a picture",
    description:
      "Runs the release's own encoder over a picture: mean and log-variance of its latent, which digit it is under the release's mixture, and the picture as it was fitted. /decode draws `mu`. For a model with codes, such as `vq`: its codes, which /decode draws too. The picture is not stored.",
    query: EncodeQuery,
    body: PNG_BODY,
    replies: [{ mediaType: CONTENT_TYPES.json, description: "The latent's distribution.", schema: Encoding }],
    headers: ["X-Model"],
    problems: UPLOAD_PROBLEMS,
    examples: [
      { address: "/encode", caption: "by the default model" },
      { address: "/encode?model=mlp", caption: "by another model" },
      { address: "/encode?model=vq", caption: "as codes" },
    ],
  },
  {
    id: "reconstruct",
    method: "POST",
    path: "/reconstruct",
    summary: "A picture over what the model makes of it",
    description:
      "Encodes a picture as /encode does, decodes the mean of its latent, or its codes, and draws both: the fitted picture over its reconstruction. The picture is not stored.",
    query: ReconstructQuery,
    body: PNG_BODY,
    replies: [
      { mediaType: CONTENT_TYPES.png, description: "The two in pixels." },
      { mediaType: CONTENT_TYPES.svg, description: "Their outlines." },
      { mediaType: CONTENT_TYPES.json, description: "Their grey levels.", schema: Reconstruction },
    ],
    headers: ["X-Model"],
    problems: UPLOAD_PROBLEMS,
    examples: [{ address: "/reconstruct?size=140", caption: "both, larger" }],
  },
] as const satisfies readonly Operation[];
