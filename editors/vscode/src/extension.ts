import * as vscode from 'vscode';
import { registerCommands } from './commands';
import { Server } from './server';
import { FindingCounter } from './status';

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const output = vscode.window.createOutputChannel('Squire', { log: true });
  const trace = vscode.window.createOutputChannel('Squire Trace', { log: true });
  const counter = new FindingCounter();
  server = new Server(context, output, trace, (state) => counter.show(state));
  context.subscriptions.push(output, trace, counter);
  registerCommands(context, server, output, trace);
  context.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration(async (change) => {
      if (change.affectsConfiguration('squire.server') || change.affectsConfiguration('squire.enable')) {
        await server?.restart();
      }
    }),
    // Before that the workspace had no say in which program is run; now it may have one.
    vscode.workspace.onDidGrantWorkspaceTrust(() => server?.restart()),
  );
  await server.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
