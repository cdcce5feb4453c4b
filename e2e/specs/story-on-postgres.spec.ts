import { tellTheStory } from "./story/story";

tellTheStory("postgres");
