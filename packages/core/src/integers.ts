/** Smallest and largest value of the integer types that JavaScript numbers hold. */
export const integerLimits: Readonly<Record<string, readonly [low: number, high: number]>> = {
  u8: [0, 255], u16: [0, 65_535], u32: [0, 4_294_967_295],
  i8: [-128, 127], i16: [-32_768, 32_767], i32: [-2_147_483_648, 2_147_483_647],
}; // prettier-ignore
