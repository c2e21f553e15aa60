import * as vscode from 'vscode';
import type { ShowDocumentRequest, ShowDocumentResult } from 'vscode-languageclient/node';

/**
 * Shows what the server asks to show. A lesson is Markdown and is meant to be read, so it opens as a preview, and
 * the exercise takes the place beside it. All else is shown as the client would show it.
 */
export const showDocument: ShowDocumentRequest.MiddlewareSignature = async (params, token, next) => {
  const uri = vscode.Uri.parse(params.uri);
  if (params.external || uri.scheme !== 'file') return next(params, token);
  try {
    if (uri.path.endsWith('.md')) {
      await vscode.commands.executeCommand('markdown.showPreviewToSide', uri);
      return SHOWN;
    }
    const options: vscode.TextDocumentShowOptions = {
      preview: false,
      preserveFocus: params.takeFocus === false,
      viewColumn: columnOf(uri) ?? vscode.ViewColumn.One,
    };
    if (params.selection) {
      const { start, end } = params.selection;
      options.selection = new vscode.Range(start.line, start.character, end.line, end.character);
    }
    await vscode.window.showTextDocument(uri, options);
    return SHOWN;
  } catch {
    return { success: false };
  }
};

const SHOWN: ShowDocumentResult = { success: true };

/** The column in which a file is open already. */
function columnOf(uri: vscode.Uri): vscode.ViewColumn | undefined {
  return vscode.window.tabGroups.all.find((group) =>
    group.tabs.some((tab) => tab.input instanceof vscode.TabInputText && tab.input.uri.toString() === uri.toString()),
  )?.viewColumn;
}
