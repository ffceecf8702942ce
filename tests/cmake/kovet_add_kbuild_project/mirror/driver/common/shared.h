int mirror_answer(void);
