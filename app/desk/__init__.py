"""The city, as the console asks after it: each module answers one part of `console.desk`; `city` is all of them."""
