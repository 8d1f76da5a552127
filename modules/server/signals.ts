/** Stops the chat on SIGINT and SIGTERM. */
import { reason } from "../reason.js";

/** Under npm, one Ctrl-C arrives twice: from the terminal and from npm. */
const samePress = 500;

export function stopOnSignals(stop: () => Promise<void>): void {
  let firstSignalAt: number | undefined;
  const onSignal = (): void => {
    if (firstSignalAt === undefined) {
      firstSignalAt = Date.now();
      console.log("Stopping. Press Ctrl-C again to stop at once.");
      stop().then(() => process.exit(0), (error: unknown) => {
        console.error("The chat did not stop cleanly:", reason(error));
        process.exit(1);
      });
    } else if (Date.now() - firstSignalAt > samePress) {
      process.exit(1);
    }
  };
  process.on("SIGINT", onSignal);
  process.on("SIGTERM", onSignal);
}
