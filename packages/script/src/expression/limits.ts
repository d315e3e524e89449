/** What a text and a match may cost; one more of any is refused (or, for the subject, not looked at). */
export const expressionLimits = {
  /** UTF-16 units of a text. */
  maxLength: 4096,
  /** Levels of a tree, parentheses included. A chain of `&&` or of `||` is one level. */
  maxDepth: 64,
  /** `=~` and `!~` look at this many UTF-16 units of the subject. */
  maxSubjectLength: 4096,
} as const;
