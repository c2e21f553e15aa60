--- :checkhealth squire
local M = {}

local health = vim.health

local function check_neovim()
  if vim.fn.has('nvim-0.11') == 1 then
    health.ok('Neovim ' .. tostring(vim.version()))
  else
    health.error('Neovim 0.11 or newer is needed')
  end
end

local function check_server()
  local cmd = vim.lsp.config.squire.cmd
  if type(cmd) ~= 'table' then
    return health.info('the server is started by a function of yours')
  end
  local advice = {
    'Install it: cargo install --path server, in a clone of Squire',
    'Or say where it is: vim.lsp.config("squire", { cmd = { "/path/to/squire", "lsp" } })',
  }
  if vim.fn.executable(cmd[1]) == 0 then
    return health.error(('server not found: %s'):format(cmd[1]), advice)
  end
  local result = vim.system({ cmd[1], '--version' }, { text = true }):wait(5000)
  if result.code ~= 0 then
    return health.error(('%s --version failed: %s'):format(cmd[1], vim.trim(result.stderr or '')), advice)
  end
  health.ok(('%s: %s'):format(vim.fn.exepath(cmd[1]), vim.trim(result.stdout)))
end

local function check_clients()
  if not vim.lsp.is_enabled('squire') then
    health.warn('the server is not enabled', { "Call vim.lsp.enable('squire')" })
  end
  local clients = vim.lsp.get_clients({ name = 'squire' })
  if #clients == 0 then
    return health.info('no server is running: it starts with the first file of a language that it knows')
  end
  for _, client in ipairs(clients) do
    local buffers = vim.tbl_count(client.attached_buffers)
    local version = client.server_info and client.server_info.version or 'unknown version'
    health.ok(
      ('server %d: %s, root %s, %d buffer%s, positions in %s'):format(
        client.id,
        version,
        client.root_dir or 'none',
        buffers,
        buffers == 1 and '' or 's',
        client.offset_encoding
      )
    )
  end
  health.info('log: ' .. vim.lsp.log.get_filename())
end

function M.check()
  health.start('squire')
  check_neovim()
  check_server()
  check_clients()
end

return M
