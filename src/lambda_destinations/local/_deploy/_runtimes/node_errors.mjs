// Errors as AWS's two Node runtime clients describe them.

import { types } from "node:util";

const UNREADABLE =
  "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack";
const printable = (text) => text?.replaceAll("\x7F", "%7F");

// An error of the runtime itself, with the text of AWS.
export class Failure extends Error {
  constructor(kind, message, stack) {
    super(message);
    this.name = kind;
    if (stack) this.stack = stack;
    else this.stack = this.stack.replace(/^[^:\n]*/, kind);
  }
}

const looksLikeOne = (it) =>
  it && [it.name, it.message, it.stack].every((each) => typeof each === "string" && each !== "");

// aws-lambda-ric 3, up to nodejs22.x
export function describedUpTo22(error) {
  try {
    if (!types.isNativeError(error) && !looksLikeOne(error)) {
      return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
    }
    const trace = printable(error.stack).split("\n");
    return { errorType: printable(error.name), errorMessage: printable(error.message), trace };
  } catch {
    return { errorType: "handled", errorMessage: UNREADABLE };
  }
}

// aws-lambda-ric 4, from nodejs24.x on
export function describedSince24(error) {
  try {
    if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] };
    const trace = printable(error.stack)?.split("\n") ?? [];
    return { errorType: printable(error.name), errorMessage: printable(error.message), trace };
  } catch {
    return { errorType: "handled", errorMessage: UNREADABLE, trace: [] };
  }
}
