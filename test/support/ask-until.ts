import { pause } from "./pause.js";

/** Asks until the answer is wanted, and resolves with all answers. It pauses in between, because a connection may send only 10,000 events in 10 seconds. */
export async function askUntil<Answer>(isWanted: (answer: Answer) => boolean, ask: () => Promise<Answer>): Promise<Answer[]> {
  const answers = [await ask()];
  while (!isWanted(answers.at(-1)!)) {
    await pause(2);
    answers.push(await ask());
  }
  return answers;
}
