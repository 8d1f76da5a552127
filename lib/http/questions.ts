/** The questions that are open, or whose answers sessions live by: one for everything that was asked alike. */
import type { Identity } from "../authenticate/authenticator.js";
import { callListener } from "../callbacks.js";
import { GuardError } from "../guard-error.js";
import { Deadlines } from "../session/deadlines.js";
import type { Ask } from "./endpoint.js";
import { Question, type Asker } from "./question.js";

/** Hears of each question that was put again in the background and failed. */
export type Failed = (error: GuardError) => void;

export class Questions implements Asker {
  readonly ask: Ask;
  readonly ttl: number;
  readonly deadlines = new Deadlines();
  readonly #questions = new Map<string, Question>();
  readonly #failed: Failed | undefined;
  #isFailing = false;

  constructor(ask: Ask, ttl: number, failed: Failed | undefined) {
    this.ask = async (body) => {
      const found = await ask(body);
      this.#isFailing = false;
      return found;
    };
    this.ttl = ttl;
    this.#failed = failed;
  }

  /** How many there are. */
  get size(): number {
    return this.#questions.size;
  }

  /** @throws GuardError if the endpoint said nothing about them */
  identity(body: string): Promise<Identity<object> | undefined> {
    const question = this.#questions.get(body) ?? new Question(body, this);
    this.remember(question);
    return question.identity();
  }

  remember(question: Question): void {
    if (!this.#questions.has(question.body)) this.#questions.set(question.body, question);
  }

  forget(question: Question): void {
    if (this.#questions.get(question.body) === question) this.#questions.delete(question.body);
  }

  failed(error: unknown): void {
    const isFirst = !this.#isFailing;
    this.#isFailing = true;
    const told = error instanceof GuardError ? error : new GuardError("endpoint_failed", "The claims schema of httpAuth threw.", { cause: error });
    const failed = this.#failed;
    if (failed !== undefined) callListener(() => failed(told));
    else if (isFirst) process.emitWarning(told.message, { type: "GuardWarning", code: told.code });
  }
}
