-- Found on the runtimepath by vim.lsp.enable('squire').
-- Override any field with vim.lsp.config('squire', { … }).

--- Files that mark the top of a project, the surest first. Inner lists have equal priority.
local root_markers = {
  'squire.toml',
  { 'package.json', 'pyproject.toml', 'setup.py', 'requirements.txt', 'manage.py' },
  '.git',
}

---@type vim.lsp.Config
return {
  cmd = { 'squire', 'lsp' },
  filetypes = {
    'javascript',
    'javascriptreact',
    'typescript',
    'typescriptreact',
    'python',
    'html',
    'htmldjango',
    'jinja',
    'handlebars',
    'mustache',
    'vue',
    'toml',
  },
  root_markers = root_markers,
  -- Of all TOML files only squire.toml concerns the server: it reports the mistakes in it.
  root_dir = function(bufnr, on_dir)
    local path = vim.api.nvim_buf_get_name(bufnr)
    if vim.bo[bufnr].filetype == 'toml' and vim.fs.basename(path) ~= 'squire.toml' then
      return
    end
    on_dir(vim.fs.root(bufnr, vim.lsp.config.squire.root_markers or root_markers))
  end,
  handlers = {
    -- A verdict has several lines. Printed, it would stop at "Press ENTER"; a floating window does not.
    ['window/showMessage'] = function(_, params)
      require('squire').show_message(params.message, params.type)
    end,
    ['workspace/codeLens/refresh'] = function(_, _, ctx)
      require('squire').refresh_lenses(ctx.client_id)
      return vim.NIL
    end,
  },
  capabilities = { workspace = { codeLens = { refreshSupport = true } } },
  -- Neovim already asks for `settings` by workspace/configuration; an empty table here would be sent as [].
}
