import com.google.gson.JsonNull;
import java.io.File;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import org.eclipse.lsp4j.*;
import org.eclipse.lsp4j.jsonrpc.Launcher;
import org.eclipse.lsp4j.jsonrpc.messages.Either;
import org.eclipse.lsp4j.launch.LSPLauncher;
import org.eclipse.lsp4j.services.LanguageClient;
import org.eclipse.lsp4j.services.LanguageServer;

/**
 * The main job through LSP4J, the library beneath the JetBrains clients, with its validation on. It behaves as LSP4IJ
 * does at the points where that plugin is particular; what LSP4IJ would swallow or get wrong is a complaint here.
 */
public class Story {
  static final String RULE = "javascript-sql-string-building";
  static final int CASES = 7;
  static final List<String> complaints = new ArrayList<>();
  static int passed = 0;
  static long caseStarted = System.nanoTime();

  public static void main(String[] args) throws Exception {
    try {
      tell(Path.of(args[0]).toAbsolutePath());
    } catch (Throwable e) {
      System.out.println("FAIL " + (e instanceof Failure ? e.getMessage() : e));
      if (!(e instanceof Failure)) e.printStackTrace(System.out);
    }
    System.out.println(passed + " passed, " + (CASES - passed) + " failed");
    System.exit(passed == CASES ? 0 : 1);
  }

  static void tell(Path file) throws Exception {
    String text = Files.readString(file);
    String uri = file.toUri().toString();
    Process process = new ProcessBuilder("squire", "lsp")
        .directory(file.getParent().toFile()).redirectError(new File("server.log")).start();
    Client client = new Client();
    Launcher<LanguageServer> launcher = new LSPLauncher.Builder<LanguageServer>()
        .setLocalService(client).setRemoteInterface(LanguageServer.class)
        .setInput(process.getInputStream()).setOutput(process.getOutputStream())
        .validateMessages(true) // a mandatory field that is missing is an error, not a null
        .create();
    launcher.startListening();
    LanguageServer server = launcher.getRemoteProxy();

    ServerCapabilities capabilities = get(server.initialize(initialize(file.getParent())), "initialize").getCapabilities();
    check(capabilities.getPositionEncoding() == null || capabilities.getPositionEncoding().equals("utf-16"),
        "the server chose the encoding " + capabilities.getPositionEncoding() + ", which was not offered");
    List<String> commands = capabilities.getExecuteCommandProvider().getCommands();
    server.initialized(new InitializedParams());
    var documents = server.getTextDocumentService();
    ok("the server starts, with commands that it announces at once");

    documents.didOpen(new DidOpenTextDocumentParams(new TextDocumentItem(uri, "javascript", 1, text)));
    List<Diagnostic> found = diagnostics(server, client, capabilities, uri, list -> !list.isEmpty());
    check(found.size() == 1 && RULE.equals(code(found.get(0))), "expected one " + RULE + ", got " + found);
    Diagnostic finding = found.get(0);
    int line = lineOf(text, "db.query");
    check(finding.getRange().getStart().getLine() == line, "the finding is not on the query's line: " + finding.getRange());
    check(finding.getRange().getStart().getCharacter() == text.lines().toList().get(line).indexOf("db.query"),
        "the finding's column does not count UTF-16 units: " + finding.getRange());
    check(finding.getRelatedInformation() != null && finding.getRelatedInformation().size() >= 2, "the finding has no flow");
    for (DiagnosticRelatedInformation step : finding.getRelatedInformation())
      if (step.getMessage().matches("(?s).*<[a-zA-Z/!].*")) complaints.add("related information is shown as HTML: " + step.getMessage());
    ok("the finding has its place in UTF-16 and its flow");

    // As LSP4IJ asks: the diagnostic's own range, only quick fixes, automatically
    CodeActionContext context = new CodeActionContext(List.of(finding), List.of("quickfix"));
    context.setTriggerKind(CodeActionTriggerKind.Automatic);
    var offered = get(documents.codeAction(new CodeActionParams(new TextDocumentIdentifier(uri), finding.getRange(), context)), "codeAction");
    List<CodeAction> actions = new ArrayList<>();
    for (Either<Command, CodeAction> either : offered) {
      check(either.isRight(), "a bare command: " + either.getLeft());
      CodeAction action = either.getRight();
      actions.add(action);
      if (!"quickfix".equals(action.getKind())) complaints.add("LSP4IJ shows a kind other than exactly `quickfix` twice: " + action.getKind());
      if (action.getCommand() != null && !commands.contains(action.getCommand().getCommand()))
        complaints.add("the command " + action.getCommand().getCommand() + " was not announced, so it fails in JetBrains");
    }
    if (actions.size() > 20) complaints.add("LSP4IJ shows only 20 actions of a diagnostic, there are " + actions.size());
    CodeAction fix = actions.stream().filter(a -> Boolean.TRUE.equals(a.getIsPreferred())).findFirst().orElse(null);
    check(fix != null, "no preferred fix among " + actions.stream().map(CodeAction::getTitle).toList());
    if (fix.getEdit() == null && fix.getCommand() == null) fix = get(documents.resolveCodeAction(fix), "codeAction/resolve");
    String fixed = apply(text, fix.getEdit(), uri);
    List<String> lines = fixed.lines().toList();
    check(lines.get(line - 1).equals("  const query = \"SELECT * FROM patients WHERE email = ?\";"), "the query became " + lines.get(line - 1));
    check(lines.get(line).equals("  /* 🏥 columns count UTF-16 units */ db.query(query, [email]);"), "the call became " + lines.get(line));
    documents.didChange(new DidChangeTextDocumentParams(new VersionedTextDocumentIdentifier(uri, 2), List.of(new TextDocumentContentChangeEvent(fixed))));
    diagnostics(server, client, capabilities, uri, List::isEmpty);
    ok("the preferred fix gives exactly the expected text, and the finding is gone");

    documents.didChange(new DidChangeTextDocumentParams(new VersionedTextDocumentIdentifier(uri, 3), List.of(new TextDocumentContentChangeEvent(text))));
    diagnostics(server, client, capabilities, uri, list -> list.size() == 1);
    Command learn = actions.stream().filter(a -> a.getTitle().startsWith("Learn")).findFirst().map(CodeAction::getCommand).orElse(null);
    check(learn != null, "no lesson among " + actions.stream().map(CodeAction::getTitle).toList());
    get(server.getWorkspaceService().executeCommand(new ExecuteCommandParams(learn.getCommand(), learn.getArguments())), learn.getCommand());
    String lesson = take(client.shown, s -> s.endsWith(".md"), "the lesson");
    check(Files.readString(Path.of(URI.create(lesson))).contains("What happens"), "the lesson's page has no story: " + lesson);
    Path exercise = Path.of(URI.create(take(client.shown, s -> s.endsWith(".js"), "the exercise")));
    ok("Learn shows the lesson and its exercise");

    String exerciseUri = exercise.toUri().toString(), exerciseText = Files.readString(exercise);
    documents.didOpen(new DidOpenTextDocumentParams(new TextDocumentItem(exerciseUri, "javascript", 1, exerciseText)));
    var lenses = get(documents.codeLens(new CodeLensParams(new TextDocumentIdentifier(exerciseUri))), "codeLens");
    for (String title : List.of("Attack", "Check", "Hint", "Reset", "Solution")) {
      Command command = lenses.stream().map(CodeLens::getCommand).filter(c -> c != null && c.getTitle().startsWith(title)).findFirst().orElse(null);
      check(command != null, "no button " + title + " among " + lenses);
      check(commands.contains(command.getCommand()), "the button's command was not announced: " + command.getCommand());
    }
    press(server, lenses, "Attack");
    take(client.messages, s -> s.contains("succe"), "the attack's success");
    press(server, lenses, "Check");
    take(client.messages, s -> s.contains("attack"), "the verdict on the unrepaired exercise");
    ok("the exercise is attacked and checked by its buttons");

    List<Diagnostic> inExercise = diagnostics(server, client, capabilities, exerciseUri, list -> list.stream().anyMatch(d -> RULE.equals(code(d))));
    Diagnostic left = inExercise.stream().filter(d -> RULE.equals(code(d))).findFirst().orElseThrow();
    var repairs = get(documents.codeAction(new CodeActionParams(new TextDocumentIdentifier(exerciseUri), left.getRange(),
        new CodeActionContext(List.of(left), List.of("quickfix")))), "codeAction");
    CodeAction repair = repairs.stream().map(Either::getRight).filter(a -> Boolean.TRUE.equals(a.getIsPreferred())).findFirst().orElse(null);
    check(repair != null, "no preferred fix in the exercise");
    String repaired = apply(exerciseText, repair.getEdit(), exerciseUri);
    documents.didChange(new DidChangeTextDocumentParams(new VersionedTextDocumentIdentifier(exerciseUri, 2), List.of(new TextDocumentContentChangeEvent(repaired))));
    press(server, lenses, "Check");
    take(client.messages, s -> s.toLowerCase().contains("solved"), "the verdict on the repaired exercise");
    ok("the repaired exercise is solved");

    get(server.shutdown(), "shutdown"); // LSP4IJ waits five seconds
    server.exit();
    check(process.waitFor(5, TimeUnit.SECONDS), "the server did not exit");
    check(process.exitValue() == 0, "the server's exit code is " + process.exitValue());
    check(complaints.isEmpty(), String.join("\n     ", complaints));
    ok("the server stops in order, and LSP4IJ would have had nothing to swallow");
  }

  static void press(LanguageServer server, List<? extends CodeLens> lenses, String title) throws Exception {
    Command command = lenses.stream().map(CodeLens::getCommand).filter(c -> c.getTitle().startsWith(title)).findFirst().orElseThrow();
    get(server.getWorkspaceService().executeCommand(new ExecuteCommandParams(command.getCommand(), command.getArguments())), title);
  }

  /** Pulled where the server offers that, else pushed; until they are as wanted. */
  static List<Diagnostic> diagnostics(LanguageServer server, Client client, ServerCapabilities capabilities, String uri, Predicate<List<Diagnostic>> wanted)
      throws Exception {
    List<Diagnostic> last = List.of();
    for (long end = System.nanoTime() + 20_000_000_000L; System.nanoTime() < end; ) {
      if (capabilities.getDiagnosticProvider() != null) {
        var report = get(server.getTextDocumentService().diagnostic(new DocumentDiagnosticParams(new TextDocumentIdentifier(uri))), "diagnostic");
        last = report.getRelatedFullDocumentDiagnosticReport().getItems();
        if (wanted.test(last)) return last;
        Thread.sleep(50);
      } else {
        var pushed = client.published.poll(1, TimeUnit.SECONDS);
        if (pushed == null || !URI.create(pushed.getUri()).equals(URI.create(uri))) continue;
        last = pushed.getDiagnostics();
        if (wanted.test(last)) return last;
      }
    }
    throw new Failure("the diagnostics did not become as expected; the last ones are " + last);
  }

  static String code(Diagnostic d) {
    return d.getCode() == null ? null : String.valueOf(d.getCode().get());
  }

  static int lineOf(String text, String part) {
    return (int) text.substring(0, text.indexOf(part)).chars().filter(c -> c == '\n').count();
  }

  static String apply(String text, WorkspaceEdit edit, String uri) {
    check(edit != null, "the action has no edit");
    checkEdit(edit);
    List<TextEdit> edits = new ArrayList<>();
    if (edit.getDocumentChanges() != null) {
      for (var change : edit.getDocumentChanges())
        if (change.isLeft()) for (Object e : change.getLeft().getEdits()) edits.add(plain(e));
    } else {
      edit.getChanges().values().forEach(edits::addAll);
    }
    edits.sort(Comparator.comparing((TextEdit e) -> offset(text, e.getRange().getStart())).reversed());
    String result = text;
    for (TextEdit e : edits)
      result = result.substring(0, offset(text, e.getRange().getStart())) + e.getNewText() + result.substring(offset(text, e.getRange().getEnd()));
    return result;
  }

  static void checkEdit(WorkspaceEdit edit) {
    if (edit.getChangeAnnotations() != null) complaints.add("change annotations, which this client does not know");
    if (edit.getDocumentChanges() == null && edit.getChanges() == null) complaints.add("an empty edit");
  }

  /** A newer LSP4J has an Either here, for snippets. */
  static TextEdit plain(Object edit) {
    return edit instanceof Either<?, ?> either ? (TextEdit) either.getLeft() : (TextEdit) edit;
  }

  /** Java's strings are UTF-16, so a position is an index as it stands. */
  static int offset(String text, Position position) {
    int at = 0;
    for (int line = 0; line < position.getLine(); line++) at = text.indexOf('\n', at) + 1;
    return at + position.getCharacter();
  }

  static <T> T get(CompletableFuture<T> future, String what) throws Exception {
    try {
      return future.get(20, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new Failure(what + ": " + e.getCause());
    } catch (TimeoutException e) {
      throw new Failure(what + ": no answer in 20 s");
    }
  }

  static String take(BlockingQueue<String> queue, Predicate<String> wanted, String what) throws Exception {
    List<String> others = new ArrayList<>();
    for (long end = System.nanoTime() + 20_000_000_000L; System.nanoTime() < end; ) {
      String next = queue.poll(1, TimeUnit.SECONDS);
      if (next != null && wanted.test(next)) return next;
      if (next != null) others.add(next);
    }
    throw new Failure(what + " did not come, only " + others);
  }

  static void ok(String name) {
    passed++;
    System.out.printf("ok   %s (%d ms)%n", name, (System.nanoTime() - caseStarted) / 1_000_000);
    caseStarted = System.nanoTime();
  }

  static void check(boolean condition, String otherwise) {
    if (!condition) throw new Failure(otherwise);
  }

  static class Failure extends RuntimeException {
    Failure(String message) { super(message); }
  }

  static InitializeParams initialize(Path folder) {
    var general = new GeneralClientCapabilities();
    general.setPositionEncodings(List.of(PositionEncodingKind.UTF16)); // and no other
    var edit = new WorkspaceEditCapabilities();
    edit.setDocumentChanges(true);
    edit.setResourceOperations(List.of("create", "delete", "rename"));
    var workspace = new WorkspaceClientCapabilities();
    workspace.setApplyEdit(true);
    workspace.setConfiguration(true);
    workspace.setWorkspaceFolders(true);
    workspace.setWorkspaceEdit(edit);
    workspace.setExecuteCommand(new ExecuteCommandCapabilities(true));
    workspace.setDidChangeWatchedFiles(new DidChangeWatchedFilesCapabilities(true));
    workspace.setDidChangeConfiguration(new DidChangeConfigurationCapabilities(true));
    workspace.setDiagnostics(new DiagnosticWorkspaceCapabilities(true));
    workspace.setCodeLens(new CodeLensWorkspaceCapabilities(true));
    var publish = new PublishDiagnosticsCapabilities();
    publish.setDataSupport(true);
    publish.setCodeDescriptionSupport(true);
    publish.setRelatedInformation(true);
    var pull = new DiagnosticCapabilities();
    pull.setDynamicRegistration(true);
    pull.setRelatedDocumentSupport(true);
    var action = new CodeActionCapabilities(new CodeActionLiteralSupportCapabilities(new CodeActionKindCapabilities(List.of(
        "quickfix", "refactor", "refactor.extract", "refactor.inline", "refactor.rewrite", "source", "source.organizeImports"))), true);
    action.setDataSupport(true);
    action.setIsPreferredSupport(true);
    action.setResolveSupport(new CodeActionResolveSupportCapabilities(List.of("edit"))); // and not "command"
    var hover = new HoverCapabilities(true);
    hover.setContentFormat(List.of("markdown", "plaintext"));
    var text = new TextDocumentClientCapabilities();
    text.setPublishDiagnostics(publish);
    text.setDiagnostic(pull);
    text.setCodeAction(action);
    text.setHover(hover);
    text.setCodeLens(new CodeLensCapabilities(true));
    text.setSynchronization(new SynchronizationCapabilities(true, true, true));
    var window = new WindowClientCapabilities();
    window.setWorkDoneProgress(true);
    window.setShowDocument(new ShowDocumentCapabilities(true));
    var capabilities = new ClientCapabilities(workspace, text, window, null);
    capabilities.setGeneral(general);
    var params = new InitializeParams();
    params.setProcessId((int) ProcessHandle.current().pid());
    params.setClientInfo(new ClientInfo("IntelliJ IDEA", "2025.2 (build IU-252.0)"));
    params.setRootUri(folder.toUri().toString());
    params.setCapabilities(capabilities);
    params.setWorkspaceFolders(List.of(new WorkspaceFolder(folder.toUri().toString(), folder.getFileName().toString())));
    return params;
  }

  /** The client's half. LSP4J's own defaults throw, so everything is written out. */
  static class Client implements LanguageClient {
    final BlockingQueue<PublishDiagnosticsParams> published = new LinkedBlockingQueue<>();
    final BlockingQueue<String> shown = new LinkedBlockingQueue<>();
    final BlockingQueue<String> messages = new LinkedBlockingQueue<>();

    @Override public void publishDiagnostics(PublishDiagnosticsParams p) { published.add(p); }
    @Override public void showMessage(MessageParams p) { messages.add(p.getMessage()); }
    @Override public void telemetryEvent(Object o) { complaints.add("telemetry: " + o); }
    @Override public void logMessage(MessageParams p) {}
    @Override public void notifyProgress(ProgressParams p) {}
    @Override public CompletableFuture<MessageActionItem> showMessageRequest(ShowMessageRequestParams p) {
      messages.add(p.getMessage());
      return CompletableFuture.completedFuture(null);
    }
    @Override public CompletableFuture<Void> registerCapability(RegistrationParams p) { return done(); }
    @Override public CompletableFuture<Void> unregisterCapability(UnregistrationParams p) { return done(); }
    @Override public CompletableFuture<Void> createProgress(WorkDoneProgressCreateParams p) { return done(); }
    @Override public CompletableFuture<Void> refreshDiagnostics() { return done(); }
    @Override public CompletableFuture<Void> refreshCodeLenses() { return done(); }
    @Override public CompletableFuture<Void> refreshInlayHints() { return done(); }
    @Override public CompletableFuture<Void> refreshSemanticTokens() { return done(); }
    @Override public CompletableFuture<List<WorkspaceFolder>> workspaceFolders() { return CompletableFuture.completedFuture(List.of()); }
    @Override public CompletableFuture<List<Object>> configuration(ConfigurationParams p) {
      // What is not in the template's settings.json is answered with null, not with {}.
      List<Object> none = new ArrayList<>();
      p.getItems().forEach(item -> none.add(JsonNull.INSTANCE));
      return CompletableFuture.completedFuture(none);
    }
    @Override public CompletableFuture<ApplyWorkspaceEditResponse> applyEdit(ApplyWorkspaceEditParams p) {
      checkEdit(p.getEdit());
      return CompletableFuture.completedFuture(new ApplyWorkspaceEditResponse(true));
    }
    @Override public CompletableFuture<ShowDocumentResult> showDocument(ShowDocumentParams p) {
      boolean external = Boolean.TRUE.equals(p.getExternal());
      if (!external && p.getSelection() == null) complaints.add("window/showDocument without a selection is never answered by LSP4IJ");
      if (!external && !p.getUri().startsWith("file:")) complaints.add("LSP4IJ opens only files, not " + p.getUri());
      shown.add(p.getUri());
      return CompletableFuture.completedFuture(new ShowDocumentResult(true));
    }
    private static CompletableFuture<Void> done() { return CompletableFuture.completedFuture(null); }
  }
}
