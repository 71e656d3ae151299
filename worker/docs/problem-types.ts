// What every type of problem means, and what to do about it: the pages that the `type` of a problem names.

import { PROBLEMS, type ProblemType } from "../api/problems.ts";

const WAIT =
  "Ask again after the seconds of Retry-After; the operator finds the cause in the log by requestId.";

export const PROBLEM_DOCS: Readonly<Record<ProblemType, { meaning: string; remedy: string }>> = {
  "invalid-parameter": {
    meaning:
      "A parameter is unknown, missing, given twice or out of range; `parameter` names it. Nothing is clamped and nothing is ignored, so that every address draws exactly what it says.",
    remedy: "Correct the parameter that `detail` names; it says what was found and what is allowed.",
  },
  "over-budget": {
    meaning:
      "The request would take longer than the operator allows: its cost is computed before it starts, from the model, the number of digits and their size, in digits of the `cnn` model.",
    remedy: "Lower the parameter that `detail` names to the value that fits, or take another model.",
  },
  "no-such-sampler": {
    meaning:
      "The release cannot draw as asked: it holds no mixture per digit, or the prior was asked for a class.",
    remedy: "Omit digit and sampler, or name another model; /models lists them.",
  },
  "not-found": {
    meaning: "No route has this address.",
    remedy: "Look for the address on /docs.",
  },
  "unknown-model": {
    meaning: "The catalog has no model of this name.",
    remedy: "Take a name from `detail` or from /models.",
  },
  "unknown-version": {
    meaning: "The catalog has never named this version of the model.",
    remedy:
      "Take a version from `detail` or from /models. A published version stays there unless it is withdrawn, which is another problem.",
  },
  "unknown-file": {
    meaning: "The release, or the data set, has no file of this name.",
    remedy: "Take a name from `detail`; card.json names every file.",
  },
  "unknown-dataset": {
    meaning: "No data set of this name was published here.",
    remedy: "Give a count, and the name is the seed of a set that is drawn; or ask the operator for names.",
  },
  "range-not-satisfiable": {
    meaning: "The Range header asks for bytes after the end of the file.",
    remedy: "Ask for a range within the file; Content-Range says how long it is.",
  },
  "method-not-allowed": {
    meaning: "The address exists and does not take this method.",
    remedy: "Use a method of the Allow header. HEAD works wherever GET does.",
  },
  "incomplete-body": {
    meaning: "The body did not arrive within 30 seconds.",
    remedy: "Send it again, over a faster connection, or send a smaller picture.",
  },
  "payload-too-large": {
    meaning: "The body is larger than this route reads.",
    remedy: "Send a smaller picture; `detail` says how large it may be.",
  },
  "unsupported-media-type": {
    meaning: "This route does not accept the body's Content-Type.",
    remedy: "Send a PNG with Content-Type: image/png.",
  },
  "unreadable-image": {
    meaning: "The body says it is a PNG and cannot be read as one, or it has too many pixels.",
    remedy: "Send a whole PNG of at most 512 pixels a side; `detail` says what is wrong.",
  },
  "empty-image": {
    meaning: "Nothing in the picture stands out from its ground.",
    remedy: "Send a picture of one digit that is clearly darker or lighter than its ground.",
  },
  "unclear-image": {
    meaning: "The digit cannot be distinguished from a shadow or from a box.",
    remedy: "Send a picture in even light, of what is inside the box; `detail` says what is in the way.",
  },
  "withdrawn-version": {
    meaning: "The operator has withdrawn this version for good; its pictures are no longer drawn.",
    remedy: "Take another version from /models, or leave the version out.",
  },
  "rate-limited": {
    meaning: "Too many requests from this network address.",
    remedy:
      "Wait for the seconds of Retry-After. Replies that the cache has do not count, and those of pinned addresses may be kept.",
  },
  "purge-refused": {
    meaning:
      "The platform did not purge its cache; `detail` has its answer. Everything cached remains cached.",
    remedy: "Purge again later: the platform limits how often it may be asked.",
  },
  "no-cache": {
    meaning: "No cache is in front of this Worker, so nothing was purged.",
    remedy: "Check that `[cache]` is enabled in wrangler.toml; `npm start` has no cache.",
  },
  "too-many-uploads": {
    meaning: "The server is reading as many pictures as it has memory for.",
    remedy: "Send it again after the seconds of Retry-After.",
  },
  "bucket-unavailable": {
    meaning: "The storage failed or did not answer in time, and nothing that was loaded before could help.",
    remedy: WAIT,
  },
  "missing-object": {
    meaning:
      "The storage lacks the catalog, or a file of a release: nothing has been published, or a publish went wrong.",
    remedy: WAIT,
  },
  "damaged-release": {
    meaning:
      "A file of the release is not what its card promises. It is not served, rather than served wrong.",
    remedy: WAIT,
  },
  "unsupported-release": {
    meaning: "The release was written by later software than this server's.",
    remedy: WAIT,
  },
  internal: {
    meaning: "Unexpected server error. Details are in the server log under `requestId`.",
    remedy: "Report it with requestId.",
  },
};

/** Every type, by status. */
export const PROBLEM_TYPES = (Object.keys(PROBLEMS) as ProblemType[]).map((type) => {
  const { title, status } = PROBLEMS[type];
  return { type, title, status, ...PROBLEM_DOCS[type] };
});
