import type { Call, CallOptions, Transport } from "./transport.js";
import type { Page } from "./types.js";

/**
 * A list. Await it for one page, or loop over it for everything: further pages are fetched as the
 * loop gets there. Nothing is sent before one or the other.
 */
export class List<T> implements Promise<Page<T>>, AsyncIterable<T> {
  readonly [Symbol.toStringTag] = "List";
  readonly #transport: Transport;
  readonly #call: Call;
  readonly #options: CallOptions | undefined;
  #first: Promise<Page<T>> | undefined;

  constructor(transport: Transport, call: Call, options: CallOptions | undefined) {
    this.#transport = transport;
    this.#call = call;
    this.#options = options;
  }

  /** The page that was asked for, as `await` gets it. */
  then<A = Page<T>, B = never>(
    fulfilled?: ((page: Page<T>) => A | PromiseLike<A>) | null,
    rejected?: ((reason: any) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.#first ??= this.#transport.send(this.#call, this.#options);
    return this.#first.then(fulfilled, rejected);
  }

  /** As a promise's. */
  catch<B = never>(rejected?: ((reason: any) => B | PromiseLike<B>) | null): Promise<Page<T> | B> {
    return this.then(undefined, rejected);
  }

  /** As a promise's. */
  finally(settled?: (() => void) | null): Promise<Page<T>> {
    return this.then().finally(settled);
  }

  /** Page after page. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    let page: Page<T> = await this;
    yield page;
    while (page.nextCursor) {
      const query = { ...this.#call.query, cursor: page.nextCursor };
      page = await this.#transport.send<Page<T>>({ ...this.#call, query }, this.#options);
      yield page;
    }
  }

  /** Everything, one by one. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) {
      yield* page.data;
    }
  }
}
