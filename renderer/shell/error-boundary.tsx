import { Component, type ReactNode } from "react";
import { Button } from "../ui/index.ts";

export interface ErrorBoundaryProps {
  readonly text: { readonly title: string; readonly says: string; readonly again: string };
  readonly children: ReactNode;
}

/** A bug on one screen stays on that screen: the agent and the other screens go on. React still needs a class for this. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, { readonly broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render(): ReactNode {
    if (!this.state.broken) return this.props.children;
    const { title, says, again } = this.props.text;
    return (
      <section className="away" role="alert">
        <h1>{title}</h1>
        <p className="away-says">{says}</p>
        <Button tone="main" onClick={() => this.setState({ broken: false })}>
          {again}
        </Button>
      </section>
    );
  }
}
