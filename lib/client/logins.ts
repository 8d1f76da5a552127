/** Calls of `login()` that wait for what the server says. */

interface Waiting {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class Logins {
  readonly #waiting: Waiting[] = [];

  wait(): Promise<void> {
    return new Promise((resolve, reject) => void this.#waiting.push({ resolve, reject }));
  }

  succeed(): void {
    for (const { resolve } of this.#waiting.splice(0)) resolve();
  }

  fail(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
