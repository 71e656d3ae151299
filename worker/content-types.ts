// The media types of what is drawn, by the `format` that asks for them.

export const CONTENT_TYPES = {
  png: "image/png",
  apng: "image/apng",
  svg: "image/svg+xml",
  json: "application/json",
} as const;
