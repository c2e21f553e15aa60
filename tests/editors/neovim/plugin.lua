-- The plugin's own parts: commands, completion, health, help, restart.
local t = require('harness')

t.case('the command completes its subcommands and the ids of lessons', function()
  t.equal(vim.fn.exists(':Squire'), 2, 'the command')
  t.equal(vim.fn.getcompletion('Squire le', 'cmdline'), { 'lesson' }, 'completion')
  t.equal(#vim.fn.getcompletion('Squire ', 'cmdline'), 12, 'number of subcommands')
  assert(vim.list_contains(vim.fn.getcompletion('Squire lesson ', 'cmdline'), 'sql-injection'), 'no id of a lesson')
  t.equal(vim.fn.getcompletion('Squire hint ', 'cmdline'), {}, 'completion of a command without argument')
end)

t.case('a wrong command is refused in words', function()
  t.ask('Squire wat', 'no command "wat"')
  t.ask('Squire hint me', 'too many arguments')
end)

t.case('a user can change the configuration and the rest stays', function()
  vim.lsp.config('squire', { settings = { squire = { test = true } } })
  t.equal(vim.lsp.config.squire.cmd, { 'squire', 'lsp' }, 'the command')
  assert(vim.lsp.is_enabled('squire'))
end)

t.case('templates have a file type that starts the server', function()
  for name, filetype in pairs({ ['a.ejs'] = 'html', ['a.hbs'] = 'handlebars', ['a.vue'] = 'vue', ['a.jinja'] = 'jinja' }) do
    local found = vim.filetype.match({ filename = name })
    t.equal(found, filetype, name)
    assert(vim.list_contains(vim.lsp.config.squire.filetypes, found), name)
  end
end)

t.case('the server starts for a source file and not for any TOML file', function()
  vim.fn.writefile({ '[package]' }, vim.env.PROJECT .. '/Cargo.toml')
  vim.cmd.edit(vim.fn.fnameescape(vim.env.PROJECT .. '/Cargo.toml'))
  t.sleep(200)
  t.equal(#vim.lsp.get_clients({ name = 'squire' }), 0, 'clients')
  vim.cmd.edit(vim.fn.fnameescape(vim.env.PROJECT .. '/patients.js'))
  local client = t.eventually('the client', function()
    local found = vim.lsp.get_clients({ bufnr = 0, name = 'squire' })[1]
    return found and found.initialized and found
  end)
  t.equal(vim.uv.fs_realpath(client.root_dir), vim.uv.fs_realpath(vim.env.PROJECT), 'root')
end)

t.case(':checkhealth squire has no error', function()
  vim.cmd('checkhealth squire')
  local text = table.concat(t.lines(), '\n')
  assert(text:find('OK', 1, true) and text:find('root ', 1, true), text)
  assert(not text:find('ERROR', 1, true) and not text:find('WARNING', 1, true), text)
  vim.cmd.bwipeout()
end)

t.case(':Squire restart gives every buffer a new server', function()
  local old = vim.lsp.get_clients({ name = 'squire' })[1].id
  vim.cmd('Squire restart')
  t.eventually('a new client', function()
    local client = vim.lsp.get_clients({ bufnr = 0, name = 'squire' })[1]
    return client and client.id ~= old and client.initialized
  end)
  assert(vim.lsp.get_client_by_id(old) == nil, 'the old server still runs')
end)

t.case(':Squire log opens the log', function()
  vim.cmd('Squire log')
  t.equal(vim.fn.expand('%:t'), 'lsp.log', 'file name')
  vim.cmd.tabclose()
end)

t.case('every tag of the help file leads to it', function()
  vim.cmd('helptags ' .. vim.fn.fnameescape(vim.env.PLUGIN .. '/doc'))
  for _, tag in ipairs({ 'squire', ':Squire', ':Squire-fix-all', '<Plug>(squire-lesson)', 'squire-trouble' }) do
    vim.cmd('help ' .. tag)
    t.equal(vim.fn.expand('%:t'), 'squire.txt', tag)
  end
  os.remove(vim.env.PLUGIN .. '/doc/tags')
  vim.cmd.helpclose()
end)

t.run()
