// A server in a process of its own, which a spec can kill. Its argument is the folder of its data; it prints its URL.
import { startMongoDB } from '../src/mongodb/start-mongodb.js';

const { url } = await startMongoDB({ data: process.argv[2] });
console.log(url);
