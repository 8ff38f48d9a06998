/** The words on the command line are wrong: exit code 2, with what to write instead. */
export class UsageMistake extends Error {
  override readonly name = "UsageMistake";
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}
