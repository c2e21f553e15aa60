--- The language client's side of Squire: which client to ask, and how its answers are shown.
local M = {}

local NAME = 'squire'

---@class squire.Options
---@field lsp? vim.lsp.Config Merged over lsp/squire.lua.

--- Optional. Without it the plugin starts with its defaults.
---@param opts? squire.Options
function M.setup(opts)
  if opts and opts.lsp then
    vim.lsp.config(NAME, opts.lsp)
  end
  vim.lsp.enable(NAME)
end

---@param text string
---@param level? integer One of vim.log.levels; information if it is not given.
function M.notify(text, level)
  vim.notify('squire: ' .. text, level or vim.log.levels.INFO)
end

--- The client of this buffer, or of any other one: commands such as a workspace scan work from everywhere.
---@param bufnr? integer
---@return vim.lsp.Client?
function M.running_client(bufnr)
  return vim.lsp.get_clients({ bufnr = bufnr or 0, name = NAME })[1] or vim.lsp.get_clients({ name = NAME })[1]
end

--- Calls `use` with an initialised client and starts one where none runs, so that a lesson can be the first
--- thing that somebody opens.
---@param use fun(client: vim.lsp.Client)
function M.with_client(use)
  local client = M.running_client()
  if not client then
    local config = vim.deepcopy(vim.lsp.config[NAME])
    config.root_dir = vim.fs.root(0, config.root_markers or {}) or vim.fn.getcwd()
    local id = vim.lsp.start(config, { attach = false })
    client = id and vim.lsp.get_client_by_id(id)
  end
  if not client then
    return M.notify('the server did not start; see :checkhealth squire', vim.log.levels.ERROR)
  end
  if client.initialized then
    return use(client)
  end
  local ready = vim.wait(10000, function()
    return client.initialized or client:is_stopped()
  end, 20)
  if ready and not client:is_stopped() then
    return use(client)
  end
  M.notify('the server did not answer; see :Squire log', vim.log.levels.ERROR)
end

--- Runs one of the server's commands. What it shows comes back as window/showDocument and window/showMessage.
---@param command string
---@param arguments? any[]
function M.execute(command, arguments)
  local bufnr = vim.api.nvim_get_current_buf()
  M.with_client(function(client)
    local provider = client.server_capabilities.executeCommandProvider
    if not vim.list_contains(provider and provider.commands or {}, command) then
      local version = client.server_info and client.server_info.version or 'of this version'
      return M.notify(('the server %s does not know %s'):format(version, command), vim.log.levels.ERROR)
    end
    local params = { command = command, arguments = arguments }
    client:request('workspace/executeCommand', params, function(err)
      if err then
        M.notify(err.message, vim.log.levels.ERROR)
      end
      M.refresh_lenses(client.id)
    end, bufnr)
  end)
end

---@param message string
---@param type integer The protocol's message type: 1 error, 2 warning, 3 information, 4 log.
function M.show_message(message, type)
  if not message:find('\n') then
    local levels = { vim.log.levels.ERROR, vim.log.levels.WARN, vim.log.levels.INFO, vim.log.levels.DEBUG }
    return M.notify(message, levels[type])
  end
  local lines = vim.split(vim.trim(message), '\n')
  vim.lsp.util.open_floating_preview(lines, 'markdown', {
    border = 'rounded',
    title = ' Squire ',
    focus_id = 'squire-message',
    -- A second verdict takes the place of the first; by default it would only move the cursor into the old one.
    focus = false,
    max_width = 88,
    wrap = true,
    -- A verdict stays while the file is being repaired with it in view, until the cursor leaves the line.
    close_events = { 'CursorMoved', 'BufHidden' },
  })
end

---@param client_id integer
function M.refresh_lenses(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  for bufnr in pairs(client and client.attached_buffers or {}) do
    if vim.api.nvim_buf_is_loaded(bufnr) and client:supports_method('textDocument/codeLens', bufnr) then
      vim.lsp.codelens.refresh({ bufnr = bufnr })
    end
  end
end

--- Shows the buttons of an exercise. A file without lenses is asked only when it is entered, left or written.
---@param client vim.lsp.Client
---@param bufnr integer
function M.on_attach(client, bufnr)
  if not client:supports_method('textDocument/codeLens', bufnr) then
    return
  end
  local group = vim.api.nvim_create_augroup('squire.lenses.' .. bufnr, {})
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'BufWritePost' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      if #vim.lsp.get_clients({ bufnr = bufnr, name = NAME }) == 0 then
        return true
      end
      vim.lsp.codelens.refresh({ bufnr = bufnr })
    end,
  })
  vim.lsp.codelens.refresh({ bufnr = bufnr })
end

--- Stops the server and starts it again for every buffer that had it.
function M.restart()
  local clients = vim.lsp.get_clients({ name = NAME })
  -- Disabling stops the clients and forgets their buffers, enabling looks at all open buffers afresh.
  vim.lsp.enable(NAME, false)
  for _, client in ipairs(clients) do
    client:stop()
  end
  local stopped = vim.wait(3000, function()
    return #vim.lsp.get_clients({ name = NAME }) == 0
  end, 20)
  if not stopped then
    for _, client in ipairs(clients) do
      client:stop(true)
    end
  end
  vim.lsp.enable(NAME)
end

return M
