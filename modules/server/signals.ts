/** Stops the chat cleanly when it is asked to. */
import { reason } from "../reason.js";

/** Under npm one Ctrl-C arrives twice: from the terminal, and from npm. */
const samePress = 500;

export function stopOnSignals(stop: () => Promise<void>): void {
  let askedAt: number | undefined;
  const onSignal = (): void => {
    if (askedAt === undefined) {
      askedAt = Date.now();
      console.log("Stopping. Once more stops at once.");
      stop().then(() => process.exit(0), (error: unknown) => {
        console.error("The chat did not stop cleanly:", reason(error));
        process.exit(1);
      });
    } else if (Date.now() - askedAt > samePress) {
      process.exit(1);
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}
