/** The Guard panel beside the chat. It exists in development only. */
export function GuardPanel() {
  return null;
}
