// The page's status line.

export const said = document.getElementById("said-now");
let hiding = 0;

/** Tell what came of something, for a few seconds. */
export function tell(text, wrong = false) {
  said.textContent = text;
  said.classList.toggle("is-wrong", wrong);
  said.hidden = false;
  clearTimeout(hiding);
  hiding = setTimeout(() => { said.hidden = true; }, wrong ? 12000 : 4000);
}
