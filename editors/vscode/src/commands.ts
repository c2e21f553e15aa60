import * as vscode from 'vscode';
import { tool } from './binary';
import type { Server } from './server';

/** Registers the commands of the palette. Those that the server offers are registered by the language client. */
export function registerCommands(
  context: vscode.ExtensionContext,
  server: Server,
  output: vscode.LogOutputChannel,
  trace: vscode.LogOutputChannel,
): void {
  const commands: Record<string, (argument?: unknown) => unknown> = {
    'squire.scan': () => server.execute('squire.scanWorkspace'),
    'squire.openLesson': (id) => openLesson(server, typeof id === 'string' ? id : undefined),
    'squire.learn': () => runActionAtCursor('Learn', 'There is no finding at the cursor.'),
    'squire.explainFinding': () => runActionAtCursor('Explain', 'There is no finding at the cursor.'),
    'squire.attack': () => onExercise(server, 'squire.lesson.attack'),
    'squire.check': () => onExercise(server, 'squire.lesson.check'),
    'squire.hint': () => onExercise(server, 'squire.lesson.hint'),
    'squire.reset': () => onExercise(server, 'squire.lesson.reset'),
    'squire.solution': () => onExercise(server, 'squire.lesson.solution'),
    'squire.progress': () => server.execute('squire.showProgress'),
    'squire.fixAll': () =>
      vscode.commands.executeCommand('editor.action.codeAction', { kind: 'source.fixAll.squire', apply: 'first' }),
    'squire.problems': () => vscode.commands.executeCommand('workbench.actions.view.problems'),
    'squire.restartServer': () => server.restart(),
    'squire.showOutput': () => output.show(),
    'squire.showTrace': () => trace.show(),
  };
  for (const [id, handler] of Object.entries(commands)) {
    context.subscriptions.push(vscode.commands.registerCommand(id, handler));
  }
}

interface LessonItem extends vscode.QuickPickItem {
  readonly id: string;
}

async function openLesson(server: Server, id: string | undefined): Promise<void> {
  const lesson = id ?? (await vscode.window.showQuickPick(lessons(server), { placeHolder: 'Which lesson?', matchOnDescription: true }))?.id;
  if (lesson === undefined) return;
  const language = vscode.workspace.getConfiguration('squire').get('lessons.language', '');
  await server.execute('squire.lesson.open', ...(language === '' ? [lesson] : [lesson, language]));
}

async function lessons(server: Server): Promise<LessonItem[]> {
  if (!server.binary) throw new Error('The program “squire” was not found.');
  const { lessons } = JSON.parse(await tool(server.binary, ['lesson', 'list', '--format', 'json'])) as {
    lessons: { id: string; title: string; minutes: number; level: string; cwe: string[]; status: string }[];
  };
  return lessons.map(({ id, title, minutes, level, cwe, status }) => ({
    id,
    label: title,
    description: `${minutes} min, ${level}`,
    detail: [cwe.join(', '), status].filter(Boolean).join(' · '),
  }));
}

/** The server looks at the text as it stands in the editor, saved or not. */
async function onExercise(server: Server, command: string): Promise<void> {
  const uri = vscode.window.activeTextEditor?.document.uri;
  if (!uri) {
    await vscode.window.showWarningMessage('Open the file of an exercise first.');
    return;
  }
  await server.execute(command, uri.toString());
}

/** Runs the code action whose title starts like this, as if it had been chosen from the menu. */
async function runActionAtCursor(title: string, missing: string): Promise<void> {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return;
  const line = editor.document.lineAt(editor.selection.active.line).range;
  const range = vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter(({ source }) => source === 'squire')
    .map((finding) => finding.range)
    .find((found) => found.contains(editor.selection.active) || found.intersection(line) !== undefined);
  const actions = range
    ? await vscode.commands.executeCommand<vscode.CodeAction[]>('vscode.executeCodeActionProvider', editor.document.uri, range)
    : [];
  const command = actions.find((action) => action.title.startsWith(title))?.command;
  if (command) {
    await vscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
  } else {
    await vscode.window.showInformationMessage(missing);
  }
}
