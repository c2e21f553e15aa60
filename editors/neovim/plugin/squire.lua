-- Sourced at start, so it only defines what is needed before the first file is opened.
if vim.g.loaded_squire then
  return
end
vim.g.loaded_squire = 1

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('squire: Neovim 0.11 or newer is needed', vim.log.levels.ERROR)
  return
end

-- Neovim has no name for EJS views. The negative priority leaves any other answer, such as the user's, first.
vim.filetype.add({ pattern = { ['.*%.ejs'] = { 'html', { priority = -1 } } } })

vim.api.nvim_create_user_command('Squire', function(opts)
  require('squire.commands').run(opts)
end, {
  nargs = '*',
  desc = 'Squire: findings, fixes and hands-on lessons',
  complete = function(lead, line)
    return require('squire.commands').complete(lead, line)
  end,
})

for name, sub in pairs({ lesson = 'lesson', explain = 'explain', ['fix-all'] = 'fix-all', check = 'check', attack = 'attack', hint = 'hint' }) do
  vim.keymap.set('n', ('<Plug>(squire-%s)'):format(name), function()
    require('squire.commands').run({ fargs = { sub } })
  end, { desc = 'Squire: ' .. sub })
end

vim.api.nvim_create_autocmd('LspAttach', {
  group = vim.api.nvim_create_augroup('squire.attach', {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'squire' then
      require('squire').on_attach(client, event.buf)
    end
  end,
})

if vim.g.squire_auto_enable ~= false then
  vim.lsp.enable('squire')
end
