// The stream that a handler of awslambda.streamifyResponse writes to.

import { Writable } from "node:stream";

export const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
export const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");

// Keeps what is written; `text` returns it, and `sent` resolves when the handler has ended the stream.
export class ResponseStream extends Writable {
  #chunks = [];
  #started = false;

  constructor() {
    super({ write: (chunk, _, next) => (this.#chunks.push(chunk), next()) });
    this.sent = new Promise((resolve, reject) => this.once("finish", resolve).once("error", reject));
    this.sent.catch(() => {}); // the error goes to the code that awaits `sent`
  }

  setContentType() {
    if (this.#started) {
      const error = new Error("Cannot set content-type, too late.");
      error.name = "Runtime.InvalidStreamingOperation";
      throw error;
    }
  }

  write(chunk, ...rest) {
    if (!this.#started) {
      this.#started = true;
      this._onBeforeFirstWrite?.((each) => super.write(each));
    }
    const raw = typeof chunk === "string" || chunk instanceof Uint8Array;
    return super.write(raw ? chunk : JSON.stringify(chunk), ...rest);
  }

  end(chunk, ...rest) {
    if (chunk !== undefined && chunk !== null && typeof chunk !== "function") this.write(chunk);
    return super.end(...(typeof chunk === "function" ? [chunk] : rest.filter((each) => typeof each === "function")));
  }

  text() {
    return Buffer.concat(this.#chunks).toString();
  }
}

// The form for function URLs: the head of an HTTP response, eight zero bytes, and the body.
export const HttpResponseStream = {
  from(stream, prelude) {
    stream.setContentType("application/vnd.awslambda.http-integration-response");
    stream._onBeforeFirstWrite = (write) => {
      write(JSON.stringify(prelude));
      write(new Uint8Array(8));
    };
    return stream;
  },
};
