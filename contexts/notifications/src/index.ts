export { NotificationsCommandModule } from './notifications.command.module.js';
export { NotificationsQueryModule } from './notifications.query.module.js';
