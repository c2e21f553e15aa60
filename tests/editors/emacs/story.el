;;; story.el --- The main job in a real Emacs, in batch  -*- lexical-binding: t -*-

(require 'eglot)
(require 'flymake)
(require 'cl-lib)

(setq eglot-autoshutdown t
      eglot-sync-connect 10
      eglot-confirm-server-initiated-edits nil
      flymake-no-changes-timeout 0.1
      make-backup-files nil
      create-lockfiles nil)

(defun story-say (format &rest arguments)
  (write-region (apply #'format (concat format "\n") arguments) nil (getenv "RESULTS") t 'silent))

(defun story-fail (format &rest arguments)
  (apply #'story-say (concat "FAIL " format) arguments)
  (kill-emacs 1))

(defmacro story-until (what &rest body)
  "Handle what the server sends till BODY is non-nil: a batch Emacs reads a process only while it waits."
  (declare (indent 1))
  `(let ((end (+ (float-time) 20)) got)
     (while (and (not (setq got (progn ,@body))) (< (float-time) end))
       (accept-process-output nil 0.05))
     (or got (story-fail "timed out waiting for %s" ,what))))

(defun story-findings ()
  (flymake-start)
  (flymake-diagnostics))

(add-to-list 'eglot-server-programs '(js-mode . ("squire" "lsp")))
(find-file (expand-file-name "patients.js" (getenv "PROJECT")))
(js-mode)
;; Without a project of its own, Emacs would ask for one.
(setq-local project-find-functions (list (lambda (_) (cons 'transient default-directory))))
(apply #'eglot--connect (eglot--guess-contact))
(story-until "the server" (eglot-managed-p))
;; Batch mode has no idle timers, so flymake is started by hand.
(flymake-mode 1)

(let* ((finding (car (story-until "the finding" (story-findings))))
       (begin (flymake-diagnostic-beg finding)))
  (unless (string-prefix-p "db.query" (buffer-substring begin (point-max)))
    (story-fail "the finding is at %S" (buffer-substring begin (min (point-max) (+ begin 20)))))
  (story-say "ok   the finding is pushed, at its place in UTF-16")
  (goto-char begin)
  (let* ((actions (eglot-code-actions begin (flymake-diagnostic-end finding) "quickfix" nil))
         (fix (cl-find-if (lambda (action) (eq t (plist-get action :isPreferred))) actions)))
    (unless fix (story-fail "no preferred fix among %S" (mapcar (lambda (action) (plist-get action :title)) actions)))
    (unless (plist-get fix :edit) (story-fail "the fix has no edit, and this client resolves none"))
    (eglot--apply-workspace-edit (plist-get fix :edit))))

(dolist (line '("  const query = \"SELECT * FROM patients WHERE email = ?\";"
                "  /* 🏥 columns count UTF-16 units */ db.query(query, [email]);"))
  (goto-char (point-min))
  (unless (search-forward (concat "\n" line "\n") nil t)
    (story-fail "there is no line %S in\n%s" line (buffer-string))))
(story-say "ok   the preferred fix binds the parameter, exactly")

;; So is what idle timers would send.
(eglot--signal-textDocument/didChange)
(story-until "the finding to go" (progn (accept-process-output nil 0.2) (null (story-findings))))
(story-say "ok   the finding is gone")

(set-buffer-modified-p nil)
(eglot-shutdown (eglot-current-server))
(story-say "ok   the server stops in order")
(story-say "4 passed, 0 failed")
