/**
 * Return an answer that a test gives when it wants to, before or after the server was asked.
 *
 * A page may show a change before it has sent it.
 */
export function holdAnswer(): { answered: Promise<Response>; answer: (response: Response) => void } {
  let answer: (response: Response) => void = () => undefined;
  const answered = new Promise<Response>((resolve) => (answer = resolve));
  return { answered, answer };
}
