// Measures each variant once per round. Each round begins with another variant, so that a machine that becomes warm or busy
// favours none of them.

export type Rounds<Variant extends string, Measured> = Record<Variant, Measured[]>;

export async function interleave<Variant extends string, Measured>(
  variants: readonly Variant[],
  rounds: number,
  measure: (variant: Variant) => Promise<Measured>,
): Promise<Rounds<Variant, Measured>> {
  const measured = Object.fromEntries(variants.map((variant) => [variant, []])) as unknown as Rounds<Variant, Measured>;
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < variants.length; turn++) {
      const variant = variants[(round + turn) % variants.length]!;
      measured[variant].push(await measure(variant));
    }
  }
  return measured;
}
