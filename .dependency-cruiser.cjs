/** The house's arrows: who may import whom. */
const only = (name, comment, from, allowed) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: '\\.(fault-)?spec\\.ts$|^libs/[^/]+/test/' },
  to: { path: '^(libs|contexts|apps|bench)/', pathNot: [...allowed] },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A circle of imports has no first page.',
      from: {},
      to: { circular: true },
    },
    only('core-imports-nothing-of-ours', 'The kernel stands alone.', '^libs/core/', ['^libs/core/']),
    only(
      'adapters-import-core',
      'Adapters, testing and nestjs import core and themselves.',
      '^libs/(sqlite|eventstoredb|mongodb|testing|nestjs|cli)/',
      ['^libs/core/', '^libs/$1/'],
    ),
    only(
      'dev-servers-stand-on-sqlite',
      'The local servers keep what they hold in @gesta/sqlite.',
      '^libs/dev-servers/',
      ['^libs/(core|sqlite)/', '^libs/dev-servers/'],
    ),
    only(
      'contexts-import-contracts',
      "A context imports core, nestjs, the values that all share, itself and other contexts' contract.",
      '^contexts/([^/]+)/',
      ['^libs/(core|nestjs)/', '^contexts/values/', '^contexts/$1/', '^contexts/[^/]+/(src|dist)/contract/'],
    ),
    {
      name: 'contract-imports-nothing',
      severity: 'error',
      comment: 'A contract is what others see: it leads nowhere into the context.',
      from: { path: '^contexts/([^/]+)/src/contract/' },
      to: { path: '^contexts/', pathNot: '^contexts/(values/|[^/]+/(src|dist)/contract/)' },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'The domain knows neither HTTP nor read models.',
      from: { path: '^contexts/[^/]+/src/domain/', pathNot: '\\.spec\\.ts$' },
      to: { path: ['/src/(http|read-models|processes)/', '@nestjs/'] },
    },
    {
      name: 'no-framework-in-core',
      severity: 'error',
      comment: 'No dependency on Nest or any database.',
      from: { path: '^libs/core/' },
      to: { path: 'node_modules/(@nestjs|better-sqlite3|mongodb|@eventstore)' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.spec.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@gesta/source', 'import', 'node', 'default'],
      extensions: ['.ts', '.js', '.mjs', '.cjs'],
    },
  },
};
