// The libraries that only a runner with something to tell loads.
export { Api, GrammyError } from 'grammy/web';
export { createTransport } from 'nodemailer';
