/** The arrows of the design: dependencies point inward, and the domain knows nothing that does I/O. */
const outward = '^(activities|worker|bot|prisma|mail|webhook|web|cli|ops|inbox|config|documents)/';
module.exports = {
  forbidden: [
    {
      name: 'domain-is-pure',
      severity: 'error',
      from: { path: '^domain/', pathNot: '\\.test\\.ts$' },
      to: { path: `${outward}|^workflows/` },
    },
    {
      name: 'domain-knows-only-zod-and-dates',
      severity: 'error',
      from: { path: '^domain/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypesNot: ['local'], pathNot: 'node_modules/(zod|temporal-polyfill|temporal-spec)/' },
    },
    {
      name: 'workflows-know-only-domain-and-types',
      severity: 'error',
      from: { path: '^workflows/', pathNot: '\\.test\\.ts$' },
      to: { path: outward, pathNot: '^activities/interface\\.ts$' },
    },
    {
      name: 'channels-do-not-write-the-store',
      severity: 'error',
      from: { path: '^(bot|mail|webhook|web|documents)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(activities|workflows|worker|ops)/', pathNot: '^workflows/names\\.ts$' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: { pathNot: '^prisma/generated' }, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The peers have a package of their own, whose packages come with the first run of the bench.
    exclude: { path: '^(prisma/generated|\\.dondoc|dist|coverage|bench/peers)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
