/**
 * How the operator's command line is started here, so that printed commands can be pasted: in a checkout through npm, which
 * sets the name of the package, and as `ihf` where the package is installed.
 */
export const COMMAND_NAME = process.env.npm_package_name === 'ihf-hub' ? 'npm run -s ihf --' : 'ihf';
