/** Runs the chat in development, where the sign-in page can restart it with another AUTH. */
import { reason } from "../reason.js";
import type { Settings } from "../settings/settings.js";
import { startChat, type ChatOptions, type RunningChat } from "./server.js";

export async function startSwitchable(settings: Settings, options: ChatOptions = {}): Promise<RunningChat> {
  const start = (changed: Partial<Settings>): Promise<RunningChat> => startChat({ ...settings, ...changed }, { ...options, switchAuth });
  let { auth } = settings;
  let isStopped = false;

  function switchAuth(next: Settings["auth"]): void {
    current = current.then((running) => restart(running, next));
  }
  async function restart(running: RunningChat, next: Settings["auth"]): Promise<RunningChat> {
    await running.stop();
    if (isStopped) return running;
    try {
      const again = await start({ auth: next, port });
      auth = next;
      options.log?.(`The chat was restarted with AUTH=${auth}.`);
      return again;
    } catch (error) {
      console.error(`The chat cannot start with AUTH=${next}, and continues with AUTH=${auth}: ${reason(error)}`);
      return start({ auth, port });
    }
  }

  let current = start({});
  const { address } = await current;
  // A PORT of 0 has picked a free port, which the chat keeps.
  const port = settings.port || Number(new URL(address).port);
  return {
    address,
    stop: async () => {
      isStopped = true;
      await (await current).stop();
    },
  };
}
