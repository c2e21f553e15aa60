import * as vscode from 'vscode';
import {
  CloseAction,
  type ErrorHandler,
  ErrorAction,
  ExecuteCommandRequest,
  LanguageClient,
  type LanguageClientOptions,
  ShowMessageNotification,
  State,
} from 'vscode-languageclient/node';
import { type Binary, BinaryMissing, findBinary } from './binary';
import { showDocument } from './documents';
import { showMessage } from './messages';

export type ServerState = 'starting' | 'running' | 'stopped' | 'missing' | 'disabled';

const LANGUAGES = [
  'javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'python',
  'html', 'jinja', 'jinja-html', 'django-html', 'ejs', 'handlebars', 'vue',
];

/** The one server of this window, and the only place that starts and stops it. */
export class Server {
  #client: LanguageClient | undefined;
  #binary: Binary | undefined;
  /** Starts and stops follow each other; two that overlap would leave a server without an owner. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly output: vscode.LogOutputChannel,
    private readonly trace: vscode.LogOutputChannel,
    private readonly onState: (state: ServerState) => void,
  ) {}

  get binary(): Binary | undefined {
    return this.#binary;
  }

  start(): Promise<void> {
    return this.#queue(() => this.#start());
  }

  stop(): Promise<void> {
    return this.#queue(() => this.#stop());
  }

  restart(): Promise<void> {
    return this.#queue(async () => {
      await this.#stop();
      await this.#start();
    });
  }

  /** Runs one of the server's commands; what it shows comes back as requests of the server. */
  async execute(command: string, ...args: unknown[]): Promise<void> {
    await this.#last;
    if (this.#client?.state !== State.Running) {
      await vscode.window.showErrorMessage('Squire is not running. Its output says why.', 'Show Output').then((choice) => {
        if (choice) this.output.show();
      });
      return;
    }
    await this.#client.sendRequest(ExecuteCommandRequest.type, { command, arguments: args });
  }

  #queue(step: () => Promise<void>): Promise<void> {
    this.#last = this.#last.then(step, step);
    return this.#last;
  }

  async #start(): Promise<void> {
    const settings = vscode.workspace.getConfiguration('squire');
    if (!settings.get('enable', true)) return this.onState('disabled');
    this.onState('starting');
    try {
      this.#binary = await findBinary(settings.get('server.path', ''), this.context.extensionPath);
      this.output.info(`running ${this.#binary.path}, from ${this.#binary.origin}`);
      this.#client = this.#newClient(this.#binary, settings.get('server.args', ['lsp']), settings.get('server.env', {}));
      await this.#client.start();
    } catch (error) {
      this.#binary = undefined;
      this.onState(error instanceof BinaryMissing ? 'missing' : 'stopped');
      this.output.error(error instanceof Error ? error : String(error));
      // Not awaited: a message stays until somebody answers it, and nothing may wait for that.
      void this.#explain(error);
    }
  }

  async #stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    if (client?.needsStop()) await client.stop().catch((error: unknown) => this.output.warn(String(error)));
    await client?.dispose().catch(() => undefined);
    this.onState('stopped');
  }

  #newClient(binary: Binary, args: string[], env: Record<string, string>): LanguageClient {
    const options: LanguageClientOptions = {
      documentSelector: [
        ...LANGUAGES.flatMap((language) => [{ scheme: 'file', language }, { scheme: 'untitled', language }]),
        { scheme: 'file', pattern: '**/*.{ejs,hbs,handlebars,jinja,jinja2,j2,njk}' },
        { scheme: 'file', pattern: '**/squire.toml' },
      ],
      synchronize: { configurationSection: 'squire' },
      outputChannel: this.output,
      traceOutputChannel: this.trace,
      middleware: { window: { showDocument } },
    };
    const server = { command: binary.path, args, options: { env: { ...process.env, ...env } } };
    const client = new LanguageClient('squire', 'Squire', server, options);
    options.errorHandler = this.#errorHandler(client);
    client.onNotification(ShowMessageNotification.type, (message) => void showMessage(message));
    client.onDidChangeState(({ newState }) => {
      if (client !== this.#client) return;
      this.onState(newState === State.Running ? 'running' : newState === State.Starting ? 'starting' : 'stopped');
    });
    return client;
  }

  /** Restarts a server that crashed, but not one that crashes again and again. */
  #errorHandler(client: LanguageClient): ErrorHandler {
    const standard = client.createDefaultErrorHandler(4);
    return {
      error: (error, message, count) => {
        this.output.warn(`connection: ${error.message}`);
        return standard.error(error, message, count) ?? { action: ErrorAction.Continue };
      },
      closed: async () => {
        const result = await standard.closed();
        if (result.action === CloseAction.DoNotRestart) this.onState('stopped');
        return result;
      },
    };
  }

  async #explain(error: unknown): Promise<void> {
    const text = error instanceof Error ? error.message : String(error);
    const choice = await vscode.window.showErrorMessage(`Squire did not start. ${text}`, 'Open Setting', 'Show Output');
    if (choice === 'Open Setting') {
      await vscode.commands.executeCommand('workbench.action.openSettings', 'squire.server.path');
    } else if (choice === 'Show Output') {
      this.output.show();
    }
  }
}
