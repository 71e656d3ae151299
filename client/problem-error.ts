// An error for a failure that the service explained (RFC 9457), or would have explained.

import type { ProblemType } from "../build/client-types.ts";

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  readonly parameter?: string;
  readonly requestId?: string;
}

export class ProblemError extends Error {
  override readonly name = "ProblemError";
  /** What kind of problem it is, such as invalid-parameter. */
  readonly kind: ProblemType;
  /** Address of the explanation. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string | undefined;
  /** The invalid parameter. */
  readonly parameter: string | undefined;
  /** Names the request in the server's log; undefined if no request was sent. */
  readonly requestId: string | undefined;
  /** Seconds after which a retry may succeed. */
  readonly retryAfterSeconds: number | undefined;

  /**
   * @param base  of the service, without a slash at its end
   * @param retryAfter  the header
   */
  constructor(problem: ProblemBody, base: string, retryAfter: string | null) {
    super(problem.detail ?? problem.title);
    this.kind = problem.type.split("/").at(-1) as ProblemType;
    this.type = new URL(problem.type.startsWith("/") ? base + problem.type : problem.type).href;
    this.title = problem.title;
    this.status = problem.status;
    this.detail = problem.detail;
    this.parameter = problem.parameter;
    this.requestId = problem.requestId;
    this.retryAfterSeconds = retryAfter === null ? undefined : Number(retryAfter);
  }
}
