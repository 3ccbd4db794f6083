// Texts with {names} in them.

/** A text with its {names} filled. */
export const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
