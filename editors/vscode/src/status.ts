import * as vscode from 'vscode';
import type { ServerState } from './server';

interface Counts {
  readonly errors: number;
  readonly others: number;
}

/** The status bar item: how many findings there are, and whether the server runs. */
export class FindingCounter implements vscode.Disposable {
  readonly #item = vscode.window.createStatusBarItem('squire.findings', vscode.StatusBarAlignment.Left, 1);
  readonly #byFile = new Map<string, Counts>();
  readonly #subscription: vscode.Disposable;
  #state: ServerState = 'starting';

  constructor() {
    this.#item.name = 'Squire';
    this.#subscription = vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      for (const uri of uris) this.#recount(uri);
      this.#draw();
    });
    this.#draw();
  }

  show(state: ServerState): void {
    this.#state = state;
    this.#draw();
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#item.dispose();
  }

  #recount(uri: vscode.Uri): void {
    const findings = vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'squire');
    if (findings.length === 0) {
      this.#byFile.delete(uri.toString());
      return;
    }
    const errors = findings.filter(({ severity }) => severity === vscode.DiagnosticSeverity.Error).length;
    this.#byFile.set(uri.toString(), { errors, others: findings.length - errors });
  }

  #draw(): void {
    if (this.#state === 'disabled') return this.#item.hide();
    const running = this.#state === 'running';
    let [errors, others] = [0, 0];
    for (const counts of this.#byFile.values()) {
      errors += counts.errors;
      others += counts.others;
    }
    const broken = this.#state === 'stopped' || this.#state === 'missing';
    this.#item.backgroundColor = broken ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.#item.command = broken ? 'squire.showOutput' : 'squire.problems';
    this.#item.text = running ? `$(shield) ${errors + others}` : broken ? '$(warning) Squire' : '$(loading~spin) Squire';
    this.#item.tooltip = running
      ? `Squire: ${counted(errors, 'error')}, ${counted(others, 'other finding')} in ${counted(this.#byFile.size, 'file')}`
      : `Squire: ${TEXTS[this.#state]}`;
    this.#item.accessibilityInformation = { label: this.#item.tooltip, role: 'button' };
    this.#item.show();
  }
}

const TEXTS: Record<ServerState, string> = {
  starting: 'the server is starting',
  running: 'the server is running',
  stopped: 'the server is not running; its output says why',
  missing: 'the program was not found; the output says where it was looked for',
  disabled: 'switched off by the setting squire.enable',
};

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
