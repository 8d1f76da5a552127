// Prints results as plain text tables of `median (min..max)`, and the goals.
import { isMet, type Goal, type Result } from "./result.js";
import type { Summary } from "./statistics.js";

export function printResult({ name, level, columns, rows }: Result): void {
  console.log(`\n${name}: ${level}`);
  printRows([["", ...columns], ...rows.map(({ variant, cells }) => [variant, ...cells.map(showSummary)])]);
}

export function printGoals(goals: readonly Goal[]): void {
  console.log("\nGoals");
  printRows([
    ["", "goal", "measured", ""],
    ...goals.map((goal) => [goal.goal, showLimit(goal), showNumber(goal.measured), isMet(goal) ? "met" : "NOT MET"]),
  ]);
}

function printRows(rows: readonly (readonly string[])[]): void {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  for (const row of rows) {
    const cells = row.map((cell, column) => column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!));
    console.log(`  ${cells.join("  ").trimEnd()}`);
  }
}

function showSummary(summary: Summary | undefined): string {
  if (summary === undefined) return "";
  const { median, min, max } = summary;
  return min === max ? showNumber(median) : `${showNumber(median)} (${showNumber(min)}..${showNumber(max)})`;
}

function showLimit({ atMost, atLeast }: Goal): string {
  return atMost === undefined ? `>= ${showNumber(atLeast!)}` : `<= ${showNumber(atMost)}`;
}

// Measurements with real sockets are not more precise than three digits.
function showNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return value.toFixed(Math.abs(value) >= 10 ? 1 : 2);
}
