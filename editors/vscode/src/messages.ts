import * as vscode from 'vscode';
import { MessageType, type ShowMessageParams } from 'vscode-languageclient/node';

/**
 * Shows what the server has to say. A notification has one line, and a verdict has several: the first one is shown,
 * and the rest a click away, where it keeps its lines.
 */
export async function showMessage({ type, message }: ShowMessageParams): Promise<void> {
  const show = NOTIFY[type] ?? vscode.window.showInformationMessage;
  const end = message.indexOf('\n');
  if (end < 0) {
    await show(message);
    return;
  }
  const headline = message.slice(0, end).trim();
  const detail = message.slice(end + 1).trimEnd();
  if ((await show(headline, 'Details')) === 'Details') await show(headline, { modal: true, detail });
}

interface Notify {
  (message: string): Thenable<string | undefined>;
  (message: string, item: string): Thenable<string | undefined>;
  (message: string, options: vscode.MessageOptions): Thenable<string | undefined>;
}

const NOTIFY: Partial<Record<MessageType, Notify>> = {
  [MessageType.Error]: vscode.window.showErrorMessage,
  [MessageType.Warning]: vscode.window.showWarningMessage,
};
