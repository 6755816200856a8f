import { token, type Visitor } from "./portal";

/** Writes a book; its address, once the wiki has acknowledged it. */
export async function book(visitor: Visitor, name: string): Promise<string> {
  const form = await visitor.ask(visitor.url("bookstack", "/create-book"), { seconds: 10 });
  const made = await visitor.ask(visitor.url("bookstack", "/books"), {
    method: "POST",
    form: { _token: token(form.body), name, description_html: "<p>Kept</p>" },
    seconds: 10,
  });
  if (made.status !== 302 || !made.location?.includes("/books/")) throw new Error(`${name}: ${made.status} to ${made.location}`);
  return made.location;
}

/** Writes books until `done`; the addresses of those that were acknowledged. */
export async function writing(visitor: Visitor, done: Promise<unknown>): Promise<string[]> {
  let over = false;
  done.finally(() => {
    over = true;
  });
  const acknowledged: string[] = [];
  while (!over) {
    const written = await book(visitor, `Note ${Date.now()}`).catch(() => undefined);
    if (written !== undefined) acknowledged.push(written);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return acknowledged;
}
