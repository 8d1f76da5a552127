/** Spans for events: for each denied and each slow one, and for some of the others. */
import type * as Api from "@opentelemetry/api";
import { codes, type DenialCode } from "../protocol.js";
import type { Decision, DecisionObserver } from "../metrics/observer.js";
import { attributesOf } from "./metrics.js";

// Clients choose how many events are denied. More spans in a second would show nothing more.
const maxDeniedInSecond = 100;

export interface EventSpansOptions {
  readonly api: typeof Api;
  readonly tracer: Api.Tracer;
  readonly parent: ((event: { readonly event: string; readonly args: readonly unknown[] }) => Api.Context | undefined) | undefined;
  /** The part of the allowed events that get a span. */
  readonly sample: number;
  /** Milliseconds. */
  readonly slow: number;
}

export class EventSpans implements DecisionObserver {
  readonly #options: EventSpansOptions;
  #second = 0;
  #deniedInSecond = 0;

  constructor(options: EventSpansOptions) {
    this.#options = options;
  }

  wants(code: string, startedAt: number): boolean {
    const { sample, slow } = this.#options;
    const now = Date.now();
    if (now - startedAt >= slow) return true;
    return code === "allowed" ? Math.random() < sample : this.#wantsDenied(now);
  }

  decided(decision: Decision): void {
    const { api, tracer } = this.#options;
    const { code, event, namespace, socket, startedAt } = decision;
    const span = tracer.startSpan(`guard ${event}`, {
      kind: api.SpanKind.CONSUMER,
      startTime: startedAt,
      attributes: {
        "messaging.system": "socket.io",
        "messaging.operation.name": "guard",
        "messaging.operation.type": "process",
        "messaging.destination.name": event,
        "messaging.client.id": socket,
        "socketio_guard.namespace": namespace,
        ...attributesOf(["code"], [code]),
      },
    }, this.#parentOf(decision));
    // As in HTTP: what a client must not do is no error of the server.
    if (isFault(code)) span.setStatus({ code: api.SpanStatusCode.ERROR });
    span.end();
  }

  #wantsDenied(now: number): boolean {
    const second = Math.floor(now / 1_000);
    if (second !== this.#second) this.#deniedInSecond = 0;
    this.#second = second;
    this.#deniedInSecond += 1;
    return this.#deniedInSecond <= maxDeniedInSecond;
  }

  /** Without a parent that the host has chosen, a span begins a trace: what is active when a packet arrives is the request that has opened the connection. */
  #parentOf({ event, args }: Decision): Api.Context {
    const { api, parent } = this.#options;
    try {
      return parent?.({ event, args }) ?? api.ROOT_CONTEXT;
    } catch {
      // Clients choose the arguments: what the host cannot read there has no parent.
      return api.ROOT_CONTEXT;
    }
  }
}

function isFault(code: string): boolean {
  return Object.hasOwn(codes, code) && codes[code as DenialCode].status >= 500;
}
