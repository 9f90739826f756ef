exports.surface = () => ({});
